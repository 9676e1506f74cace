(text) => {
  // Texts wait here until the server is asked: Enter may be pressed again before that.
  (window.ovdTyped ??= []).push(text);
  return "";
}
