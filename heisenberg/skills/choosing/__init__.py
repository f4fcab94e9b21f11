"""What is wanted where no sentence fits."""
