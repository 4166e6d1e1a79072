"""The pure part: money, units, time, machines, law and rules as values. Imports no Django, reads no clock."""
