(session, _) => {
  const texts = (window.ovdTyped ?? []).splice(0);
  if (texts.length) window.ovdSent = texts;
  return [session, JSON.stringify(texts)];
}
