// Looks at report.html in Debian's Chromium: `node report.js FILE [PICTURE]`. Prints one line a fault and ends with 1 where there is one.
// With PICTURE, also saves what a desktop shows first (docs/images/report.png in the README).
const fs = require('fs');
const os = require('os');
const path = require('path');
const { chromium } = require('playwright-core');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [file, picture] = process.argv.slice(2);
const faults = [];
const patience = 600_000; // a slow machine, with much else to do
const fault = (where, what) => faults.push(`${where}: ${what}`);
const launch = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

async function look(context, name) {
  const page = await context.newPage();
  page.on('console', (message) => fault(name, `the browser says: ${message.text()}`));
  page.on('pageerror', (error) => fault(name, `error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith('file://')) fault(name, `it fetches ${request.url()}`);
  });
  await page.goto('file://' + path.resolve(file));
  const seen = await page.evaluate(() => {
    const headings = [...document.querySelectorAll('h1,h2,h3,h4')].map((one) => Number(one.tagName[1]));
    const pictures = [...document.querySelectorAll('figure.picture')];
    return {
      language: document.documentElement.lang,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      scripts: document.scripts.length,
      headings,
      pictures: pictures.length,
      bare: pictures.filter((one) => {
        const drawings = [...one.querySelectorAll('svg[role=img]')];
        const named = drawings.every((svg) => svg.querySelector('title') && svg.querySelector('desc'));
        const beside = one.nextElementSibling;
        return !named || drawings.length === 0 || !beside || !beside.querySelector('table');
      }).length,
      banner: document.body.innerText.includes('For use inside the agency: small numbers are not protected'),
      unsaid: document.body.innerText.includes('<<'),
      captions: [...document.querySelectorAll('table')].filter((one) => !one.caption).length,
      scopes: [...document.querySelectorAll('th:not([scope])')].length,
    };
  });
  if (seen.language !== 'en-GB') fault(name, `language ${seen.language}`);
  if (seen.wide > 0) fault(name, `${seen.wide} pixels wider than the screen`);
  if (seen.scripts > 0) fault(name, 'it has a script');
  if (seen.pictures < 4) fault(name, `only ${seen.pictures} pictures`);
  if (seen.bare > 0) fault(name, `${seen.bare} pictures without a title, a description or a table beside them`);
  if (!seen.banner) fault(name, 'the banner is missing');
  if (seen.unsaid) fault(name, 'a key without words');
  if (seen.captions > 0) fault(name, `${seen.captions} tables without a caption`);
  if (seen.scopes > 0) fault(name, `${seen.scopes} headings of tables without a scope`);
  if (seen.headings[0] !== 1 || seen.headings.filter((level) => level === 1).length !== 1) fault(name, 'not exactly one h1, first');
  seen.headings.forEach((level, i) => {
    if (i > 0 && level > seen.headings[i - 1] + 1) fault(name, `heading ${i} jumps from h${seen.headings[i - 1]} to h${level}`);
  });

  // By keyboard alone: the first stop skips to the figures, and a folded table opens.
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.getAttribute('href'));
  if (first !== '#main') fault(name, `the first stop is ${first}, not the link that skips to the figures`);
  await page.focus('summary');
  await page.keyboard.press('Enter');
  if (!(await page.evaluate(() => document.querySelector('summary').parentElement.open))) fault(name, 'a folded table does not open by keyboard');

  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => { one.open = true; }));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) fault(name, `${wide} pixels wider than the screen with every table open`);
  const cramped = await page.evaluate(() => {
    const found = [];
    for (const title of document.querySelectorAll('.bar-title')) {
      const [label, figure] = [...title.children].map((one) => one.getBoundingClientRect());
      if (label.right > figure.left && label.bottom > figure.top + 1) found.push(`label and figure overprint: ${title.innerText}`);
    }
    for (const table of document.querySelectorAll('.table')) {
      const name = table.querySelector('caption').innerText;
      const over = table.scrollWidth - table.clientWidth;
      const hint = table.previousElementSibling;
      const hinted = hint && hint.className === 'sideways' && hint.getBoundingClientRect().height > 0;
      if (over > 0 && window.innerWidth >= 1280) found.push(`the table "${name}" is ${over} pixels too wide for a desktop`);
      if (over > 0 && window.innerWidth < 1280 && !hinted) found.push(`the table "${name}" scrolls sideways and does not say so`);
      if (hinted && over <= 0) found.push(`the table "${name}" says it scrolls sideways and does not`);
    }
    return found;
  });
  cramped.forEach((one) => fault(name, one));
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const violation of result.violations) {
    for (const node of violation.nodes.slice(0, 3)) fault(name, `${violation.id} (${violation.impact}): ${node.html.slice(0, 160)}`);
  }
  return page;
}

(async () => {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'kept-browser-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.KEPT_CHROMIUM || '/usr/bin/chromium', headless: true, args: launch, bypassCSP: true,
    viewport: { width: 1280, height: 900 }, timeout: patience,
  });
  browser.setDefaultTimeout(patience);
  try {
    const desktop = await look(browser, 'desktop');
    await desktop.close();
    const phone = await browser.newPage();
    await phone.close();
    const small = await look({ newPage: async () => { const page = await browser.newPage(); await page.setViewportSize({ width: 360, height: 740 }); return page; } }, 'telephone');
    await small.close();
    const printed = await browser.newPage();
    await printed.goto('file://' + path.resolve(file));
    const pdf = await printed.pdf({ format: 'A4' });
    if (pdf.length < 20000) fault('print', `only ${pdf.length} bytes of PDF`);
    await printed.emulateMedia({ media: 'print' });
    const hidden = await printed.evaluate(() => [...document.querySelectorAll('details table')].filter((one) => one.getBoundingClientRect().height === 0).length);
    if (hidden > 0) fault('print', `${hidden} folded tables would not be printed`);
    await printed.close();
    if (picture) {
      const page = await browser.newPage();
      await page.setViewportSize({ width: 900, height: 1420 });
      await page.goto('file://' + path.resolve(file));
      // Small enough that the headline, the counts and the first bars fit one picture.
      await page.evaluate(() => { document.body.style.zoom = '0.72'; });
      await page.screenshot({ path: picture });
    }
  } finally {
    await browser.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
  faults.forEach((one) => console.log(one));
  if (faults.length === 0) console.log('the report holds on desktop, telephone and paper');
  process.exit(faults.length === 0 ? 0 : 1);
})().catch((error) => { console.log(error.stack || String(error)); process.exit(1); });
