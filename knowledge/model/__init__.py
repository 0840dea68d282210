"""Makes the default sentence model: unpack, prune, write as sentence-transformers, export to ONNX int8."""
