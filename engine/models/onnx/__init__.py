"""Models of ONNX: the graph read, its recurrent nodes recorded, the ops around them evaluated."""
