async (...values) => {
  await window.ovdTyped();
  return values;
}
