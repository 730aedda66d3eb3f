"""What can be proved later: keys and signatures."""
