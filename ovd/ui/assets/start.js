async (...values) => {
  // What stands in the box is meant to be counted too.
  const box = document.querySelector("#ovd-query input");
  if (box?.value.trim()) document.querySelector("#ovd-add")?.click();
  await window.ovdTyped();
  return values;
}
