(box) => box || (window.ovdSent ?? []).join(", ")
