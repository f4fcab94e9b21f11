"""What every other part stands on: configuration, events, the state machine, rooms and turns."""
