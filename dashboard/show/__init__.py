"""A closer look at one thing: shown in a dialog over the page it was picked on, or as a page of its own."""
