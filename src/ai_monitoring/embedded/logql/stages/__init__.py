"""What a pipeline does to a line, a module for each kind of stage."""
