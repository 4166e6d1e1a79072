"""What happens in the blocks, a module a block."""
