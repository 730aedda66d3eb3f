"""The worker's door: huey wakes it and keeps its timetable; what there is to do are rows of the database."""
