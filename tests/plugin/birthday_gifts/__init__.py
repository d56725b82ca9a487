"""An example plug-in of Tenure: a strategy, its values with their evidence, and a scenario."""
