"""One file per question: plain functions over the read ports, without HTTP."""
