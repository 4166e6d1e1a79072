"""What happens to invoices and money, by topic."""
