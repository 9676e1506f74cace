"""Names that two kinds of detector know: the 80 of COCO, and those of a street and site camera."""

COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip

SITE = (
    "person", "bicycle", "car", "motorcycle", "bus", "truck", "dining table", "safety helmet",
    "bare face", "torso without safety vest", "heavy machinery", "bare head", "face mask",
    "safety vest", "traffic cone", "vehicle", "fire", "smoke", "auto rickshaw", "van", "taxi",
    "pickup truck", "suv", "cycle rickshaw", "minivan", "police car", "ambulance", "human hauler",
    "handcart", "minibus", "military vehicle", "scooter", "garbage truck", "license plate", "stove",
    "pillow", "staircase", "mirror", "table", "bathtub", "lamp", "ceiling fan", "air conditioner",
    "towel",
)  # fmt: skip
