GL_RGB: int
GL_RGBA: int
GL_BGR_EXT: int
GL_BGRA_EXT: int
