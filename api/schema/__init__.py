"""The OpenAPI document: how inputs, parameters and answers are described, and what is said around them."""
