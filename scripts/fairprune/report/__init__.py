"""What people read: tidy tables, the HTML page, figures for a paper."""
