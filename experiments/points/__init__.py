"""Points: worlds that differ in chosen numbers, run in thousands, kept as they come, read as arrays.

base = base_of(resolved, customers=2000)                       # experiments.points.base
axes = axes_of(resolved, {"kappa": None, "p_contact": (0.0, 0.1)})  # experiments.points.axis
design = sobol(axes, 256, seed=1)                              # experiments.points.design
survey = Survey(running)                                       # experiments.points.survey
(found,) = survey.run([Stage("sweep", base, design, draws=1, replicates=4)])
found.values("lifetime_value")                                 # float64 [points, scenarios, draws, replicates]
"""
