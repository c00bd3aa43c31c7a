//! The terms of a text, by which questions and passages are compared literally: folded, then split by script.
