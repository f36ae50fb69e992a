// Elements without a framework.

/** An element: properties (`class`, `onclick`, …) and children, where strings are text, and undefined and false are nothing. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return element;
}

const inline = /`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)/g;

/** Text with `code` and [links](…), in paragraphs. */
export function prose(text = '') {
  return text.split('\n\n').map((paragraph) => el('p', {}, inlineParts(paragraph)));
}

function inlineParts(text) {
  const parts = [];
  let end = 0;
  for (const { 0: whole, 1: code, 2: label, 3: href, index } of text.matchAll(inline)) {
    parts.push(text.slice(end, index), code ? el('code', {}, code) : el('a', { href }, label));
    end = index + whole.length;
  }
  return [...parts, text.slice(end)];
}
