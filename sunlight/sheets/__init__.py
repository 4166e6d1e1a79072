"""CSV and Excel in and out: layouts, import runs with refused rows, marked sheets, templates, exports."""
