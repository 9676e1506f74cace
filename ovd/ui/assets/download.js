() => {
  // The hidden button has the new file one frame after the answer arrived.
  setTimeout(() => {
    const button = document.getElementById("ovd-file");
    (button.matches("a, button") ? button : button.querySelector("a, button")).click();
  }, 50);
}
