"""What selling means: pure functions over plain values. No SQL, no command line, no terminal, no clock."""
