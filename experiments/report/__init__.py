"""The report: one offline page from tidy tables, and its figures for slides.

Give `ReportInput` the tables and the words, call `write_report`. Nothing here simulates or estimates. Matplotlib is
imported when the first figure is drawn, not before.
"""

from experiments.report.figures import save_figures
from experiments.report.inputs import EQUAL_SPEND, Assumption, ReportInput, Verdict
from experiments.report.page import write_report

__all__ = ["EQUAL_SPEND", "Assumption", "ReportInput", "Verdict", "save_figures", "write_report"]
