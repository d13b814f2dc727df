"""Running student code: a process in a sandbox, what it shows, and answers that are asked from outside."""
