"""Reports, exports, surveys, links and turns: what people wait for."""
