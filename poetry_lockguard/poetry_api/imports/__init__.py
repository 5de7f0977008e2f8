"""The one door to Poetry's modules: each area re-exports what other rooms use of it."""
