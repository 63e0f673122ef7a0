"""What can be said about a picture, as data: concepts, and the words for each.

A concept is something that can be measured in a picture (`measures`). Nothing in `HELD_OUT` may stand in any list:
these words are what the trained scorer is examined with.
"""

Words = dict[str, tuple[str, ...]]
"""Words or phrases by the concept they name."""

SHAPES: Words = {
    "jagged": (
        "jagged shapes", "sharp edges", "shards", "broken glass", "splinters", "torn fragments", "cracks", "fractures",
        "thorns", "blades", "hard facets", "ragged cliffs", "pointed shapes", "angular shapes", "sharp rocks", "teeth",
        "slashes", "crumpled metal", "rough surfaces", "explosions", "fangs", "harsh cuts",
    ),
    "smooth": (
        "smooth gradients", "soft shapes", "mist", "fog", "haze", "clouds", "blurred surfaces", "slow waves",
        "flowing silk", "static atmosphere", "empty space", "soft light", "open sky", "round forms", "gentle curves",
        "drifting smoke", "air", "blurry background", "still atmosphere", "silence", "a vast space", "velvet",
    ),
    "lined": (
        "geometric lines", "glowing lines", "bright stripes", "light tubes", "bands of light", "stained glass",
        "laser beams", "wires", "contours", "geometric patterns", "light trails", "polygons", "crossing lines",
        "outlines", "ribbons of light", "a web of light", "rays", "city lights", "lattices", "zigzags", "light strings",
        "luminous geometry", "glowing tubes",
    ),
}  # fmt: skip

THINGS: Words = {
    "fire": (
        "fire", "flames", "a blaze", "lava", "an inferno", "molten rock", "a bonfire", "hot coals", "a wildfire",
        "hellfire", "magma", "glowing iron", "a torch", "an erupting crater", "sparks", "a firestorm", "heat", "hell",
        "a dragon's breath", "red hot metal", "combustion", "a fiery explosion",
    ),
    "storm": (
        "lightning", "a thunderstorm", "electricity", "electric arcs", "thunder", "high voltage", "plasma",
        "a bolt of energy", "a tempest", "electric discharge", "a violent storm",
    ),
    "ice": ("ice", "frozen crystals", "a glacier", "broken ice", "frost", "ice crystals", "frozen splinters"),
    "poison": ("poison", "acid", "toxic slime", "a thorny jungle", "green venom", "sharp leaves", "radioactive waste"),
    "water": (
        "water", "the sea", "a lake", "deep water", "underwater light", "a river", "a swimming pool", "blue depths",
        "ripples", "an aquarium", "a bay at night", "rain", "a waterfall", "the deep blue", "a cold spring", "tides",
        "a pond", "waves on the shore", "the blue sky", "a winter sky",
    ),
    "dusk": (
        "a sunset", "an evening sky", "dusk", "a desert at dawn", "sand dunes", "a warm sunrise", "autumn haze",
        "golden hour", "a peach sky", "honey",
    ),
    "meadow": ("a forest", "moss", "a green meadow", "grass", "leaves in the sun", "northern lights", "a garden"),
    "dream": ("a lavender field", "twilight", "a dreamy nebula", "lilac mist", "a pink cloud", "orchids", "candy"),
    "lights": (
        "a nightclub", "disco lights", "a kaleidoscope", "a rainbow", "an arcade", "fireworks", "a festival", "a party",
        "colored lamps", "a light show", "an amusement park", "a hologram", "a synthesizer", "retro futurism",
        "a cyber city", "a prism", "pop art", "confetti", "glowing signs", "a dance floor",
    ),
    "gold": ("gold bands", "amber lacquer", "a golden ornament", "brass pipes", "copper wires", "glowing filaments"),
    "matrix": ("a radar screen", "green code", "a computer terminal", "green lasers", "an oscilloscope"),
    "cyber": ("a blue hologram", "digital space", "a cold data stream", "a spaceship interior", "blue lasers"),
}  # fmt: skip

MANNERS: Words = {
    "jagged": (
        "aggressive", "angry", "violent", "intense", "fierce", "brutal", "wild", "hostile", "wrathful", "destructive",
        "dangerous", "chaotic", "harsh", "dramatic", "explosive", "ferocious", "threatening", "loud", "heavy", "evil",
        "powerful", "tense", "rough", "painful", "merciless", "frightening",
    ),
    "smooth": (
        "calm", "peaceful", "soft", "serene", "still", "relaxed", "soothing", "slow", "meditative", "drowsy", "mellow",
        "dreamy", "silent", "restful", "noiseless", "ambient", "delicate", "lonely", "floating", "harmonious",
        "minimal", "breathing", "motionless", "lazy", "contemplative",
    ),
    "lined": (
        "vibrant", "lively", "energetic", "playful", "electric", "futuristic", "festive", "joyful", "dazzling",
        "ecstatic", "geometric", "funky", "happy", "digital", "rhythmic", "hypnotic", "exciting", "synthetic",
        "technical", "dancing", "radiant", "cheerful", "glowing",
    ),
}  # fmt: skip

COLOURS: Words = {
    "red": ("red", "crimson", "blood red", "ruby", "deep red", "fiery red"),
    "orange": ("orange", "amber", "rust", "copper", "fiery orange"),
    "yellow": ("yellow", "golden", "lemon", "pale yellow"),
    "green": ("green", "lime", "emerald", "jade"),
    "cyan": ("cyan", "aqua", "teal", "mint"),
    "blue": ("blue", "navy", "azure", "soft blue", "deep blue", "sapphire"),
    "violet": ("violet", "purple", "indigo", "lavender"),
    "pink": ("pink", "magenta", "rose", "fuchsia"),
    "warm": ("warm", "hot", "scorching"),
    "cold": ("cold", "cool", "icy", "chilly"),
    "many": (
        "multicolored", "colorful", "rainbow-colored", "many-colored", "iridescent", "prismatic", "full of color",
    ),
    "dark": ("dark", "black", "gloomy", "night"),
    "light": ("bright", "light", "pale", "shining"),
    "busy": ("dense", "busy", "intricate", "detailed", "crowded"),
    "plain": ("sparse", "simple", "plain", "empty", "uncluttered"),
}  # fmt: skip

HELD_OUT = (
    "burning", "ember", "quiet", "ocean", "neon", "grid", "volcan", "furnace", "lagoon", "submarine", "tranquil",
    "marine", "furious", "savage", "rage", "psychedelic", "carnival", "circuit", "wireframe", "mosaic", "scarlet",
    "turquoise", "cobalt", "spike", "shatter", "lullaby", "sleep", "punk", "tron", "maze", "hush", "combat",
)  # fmt: skip
"""No word of a list holds any of these."""

EXAMINATION: dict[str, tuple[str, ...]] = {
    "Aggressive": (
        "burning embers", "volcano", "furious scarlet spikes", "a furnace", "savage rage", "volcanic scarlet combat",
        "shattered scarlet spikes", "burning combat",
    ),
    "Calm": (
        "quiet ocean", "a tranquil lagoon", "a quiet submarine", "tranquil cobalt", "a lullaby", "marine hush",
        "turquoise sleep", "a cobalt ocean",
    ),
    "Vibrant": (
        "neon grid", "psychedelic carnival", "a neon circuit", "cyberpunk", "a psychedelic wireframe", "a neon maze",
        "a carnival mosaic", "tron",
    ),
}  # fmt: skip
"""Prompts made of held-out words alone, by the mood of the default family that they mean."""
