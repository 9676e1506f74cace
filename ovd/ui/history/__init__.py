"""The history of a camera: any period from the store, compared with another."""
