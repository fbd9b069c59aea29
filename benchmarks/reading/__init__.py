"""Reports, exports, surveys, links and turns: work that people wait for."""
