// Builds the whole page: without a browser there is nothing to read here.
const board = await (await fetch('/assets/tides.json')).json();
const element = (name, text = '', ...children) => {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
};
const row = (cell, cells) => element('tr', '', ...cells.map((text) => element(cell, text)));
const head = element('thead', '', row('th', ['Day', 'High', 'Level', 'Low', 'Level']));
const body = element('tbody', '', ...board.rows.map((cells) => row('td', cells)));
const back = element('a', 'The Harbor Gazette');
back.href = '/';
document
  .querySelector('#board')
  .replaceChildren(
    element('h1', board.title),
    element('p', board.note),
    element('p', board.warning),
    element('table', '', head, body),
    element(
      'p',
      'Times are local, levels are meters above chart datum. The board is written anew every morning at six by whoever is first in the harbor office, from the forecast and a look out of the window.',
    ),
    element('p', 'Back to ', back),
  );
document.title = `${board.title} – The Harbor Gazette`;
