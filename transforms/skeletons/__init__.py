"""The first files of a new claim and of a new source."""
