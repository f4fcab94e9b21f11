"""Sound in and out: devices, files, voice activity and the end of a turn."""
