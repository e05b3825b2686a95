"""What goes into a paper: figures of one column's width, and tables for LaTeX."""
