"""Cards of reports: numbers, the people behind them, and exports."""
