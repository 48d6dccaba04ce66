'use strict';
// Reads the endpoint, and shows what it says. Every value is text: nothing from outside becomes an element or an attribute that loads.
(() => {
  const POLL = 2000;
  // What another service leads is read from the journal each time.
  const POLL_OTHERS = 10000;
  const AFTER_TROUBLE = 5000;
  const SVG = 'http://www.w3.org/2000/svg';
  // Made from the path, since an address with a login in it is refused.
  const BASE = new URL(document.querySelector('meta[name=rollouts]').content, location.origin + location.pathname).pathname;
  const WORDS = {
    PLANNED: 'not started', RUNNING: 'running', PAUSED: 'paused', PROMOTED: 'promoted',
    ROLLING_BACK: 'rolling back', ROLLED_BACK: 'rolled back', NEEDS_HUMAN: 'people are needed',
  };
  const VERDICTS = { REGRESSED: 'regressed', NOT_WORSE: 'not worse', INCONCLUSIVE: 'cannot tell yet', NO_DATA: 'no data' };
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
  const BAD = ['ROLLING_BACK', 'ROLLED_BACK', 'NEEDS_HUMAN'];
  const TURNS = ['decided', 'rolled-back', 'promoted', 'needs-human', 'controlled', 'overdue'];
  const byId = (id) => document.getElementById(id);
  const shown = new Map();
  let selected = null;
  let timer = 0;
  let asked = 0;
  let latest = null;

  // ---- Elements.

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined && text !== null) {
      made.textContent = text;
    }
    if (className) {
      made.className = className;
    }
    return made;
  }

  function drawn(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) {
      made.setAttribute(key, value);
    }
    if (text !== undefined) {
      made.textContent = text;
    }
    return made;
  }

  /** Renders only what has changed, so that neither focus nor selection nor a screen reader is disturbed. */
  function changed(part, value) {
    const text = JSON.stringify(value === undefined ? null : value);
    if (shown.get(part) === text) {
      return false;
    }
    shown.set(part, text);
    return true;
  }

  function say(id, text) {
    const place = byId(id);
    if (place.textContent !== text) {
      place.textContent = text;
    }
  }

  /** Columns: name, and whether it is a number. The first cell of a row is its heading. */
  function table(caption, columns, rows) {
    const made = element('table', null, 'wide');
    made.append(element('caption', caption));
    const head = element('tr');
    for (const [name, numeric] of columns) {
      const cell = element('th', name, numeric ? 'numeric' : '');
      cell.scope = 'col';
      head.append(cell);
    }
    const thead = element('thead');
    thead.append(head);
    const body = element('tbody');
    for (const row of rows) {
      const line = element('tr');
      row.forEach((value, index) => {
        const [text, className] = Array.isArray(value) ? value : [value, ''];
        const cell = element(index === 0 ? 'th' : 'td', null, columns[index][1] ? 'numeric' : String(text).length > 60 ? 'long' : '');
        if (index === 0) {
          cell.scope = 'row';
        }
        cell.dataset.label = columns[index][0];
        cell.append(element('span', text, className));
        line.append(cell);
      });
      body.append(line);
    }
    made.append(thead, body);
    return made;
  }

  // ---- Words.

  const isKnown = (value) => value !== null && value !== undefined;

  const count = (value) => (value === null || value === undefined ? 'unknown' : value.toLocaleString('en'));

  function percent(part, digits) {
    return part === null || part === undefined ? 'unknown' : `${Number((100 * part).toPrecision(digits || 3))} %`;
  }

  function duration(seconds) {
    if (seconds === null || seconds === undefined) {
      return 'unknown';
    }
    const whole = Math.floor(seconds);
    if (whole < 60) {
      return `${whole} s`;
    }
    const two = (value) => String(value).padStart(2, '0');
    return whole < 3600
      ? `${Math.floor(whole / 60)}:${two(whole % 60)} min`
      : `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)} h`;
  }

  const ended = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);
  const pieces = (text) => text.split(/\r?\n/).join(' ');

  function power(value) {
    if (value === null || value === undefined) {
      return 'none';
    }
    const odds = 10 ** Math.abs(value);
    const text = odds < 1000 ? String(Number(odds.toPrecision(3))) : odds < 1e6 ? Math.round(odds).toLocaleString('en') : `10^${Math.round(Math.abs(value))}`;
    return value < 0 ? `1/${text}` : text;
  }

  function verdict(one, evidence) {
    const rollout = one.rollout;
    const signals = evidence ? evidence.assessments : [];
    const regressed = signals.filter((signal) => signal.verdict === 'REGRESSED').map((signal) => signal.signal);
    switch (rollout.phase) {
      case 'PLANNED':
        return one.notStarted.length
          ? `It has not started, all calls go to ${rollout.stable}: ${ended(one.notStarted.join('; '))}`
          : `It has not started: all calls go to ${rollout.stable}.`;
      case 'RUNNING':
      case 'PAUSED': {
        const state = rollout.phase === 'PAUSED' ? 'It is paused. ' : '';
        const serves = rollout.allToStable || rollout.share === 0
          ? `All calls go to ${rollout.stable}.`
          : `${rollout.candidate} serves ${percent(rollout.share)} of the calls.`;
        if (rollout.decision) {
          return `${state}${serves} ${one.awaitsApproval ? 'A rollback is recommended, and waits for a person' : 'A rollback would have been decided'}: ${ended(pieces(rollout.decision))}`;
        }
        if (regressed.length) {
          return `${state}${serves} Regressed: ${regressed.join(', ')}.`;
        }
        const open = signals.filter((signal) => signal.verdict !== 'NOT_WORSE').length;
        return `${state}${serves} ${!signals.length ? '' : open ? 'No signal speaks for a rollback.' : 'No signal finds it worse than is tolerated.'}`.trim();
      }
      case 'PROMOTED':
        return `${rollout.candidate} was promoted and serves all calls.${one.windowOpen ? ' It can still be taken back.' : ''}`;
      case 'NEEDS_HUMAN':
        return `People are needed. All calls go to ${rollout.stable}. ${ended(pieces(rollout.needsHuman))}`;
      case 'ROLLING_BACK':
        return `It is being rolled back, all calls go to ${rollout.stable} already: ${ended(pieces(rollout.decision))}`;
      default:
        return `Rolled back, all calls go to ${rollout.stable}: ${ended(pieces(rollout.decision || 'nothing more is known'))}`;
    }
  }

  const tone = (phase) => (BAD.includes(phase) ? 'bad' : phase === 'PROMOTED' ? 'good' : '');

  // ---- Parts of the page.

  function showList(all) {
    const value = all.rollouts.map((one) => [one.id, one.phase, one.share, one.here]);
    if (!changed('list', [value, selected])) {
      return;
    }
    const list = byId('list');
    const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.rollout : null;
    list.replaceChildren();
    for (const one of all.rollouts) {
      const link = element('a');
      link.href = `#${encodeURIComponent(one.id)}`;
      link.dataset.rollout = one.id;
      if (one.id === selected) {
        link.setAttribute('aria-current', 'true');
      }
      link.append(
        element('span', one.component || one.id, 'component'),
        element('span', `${one.stable} to ${one.candidate}`, 'releases'),
        element('span', `${WORDS[one.phase] || one.phase}${one.phase === 'RUNNING' ? `, ${percent(one.share)}` : ''}`, `phase ${tone(one.phase)}`));
      if (!one.here) {
        link.append(element('span', ' of another service', 'quiet'));
      }
      const item = element('li');
      item.append(link);
      list.append(item);
      if (one.id === focused) {
        link.focus();
      }
    }
  }

  function showHead(one, evidence) {
    const rollout = one.rollout;
    say('title', `${rollout.component} ${rollout.stable} to ${rollout.candidate}`);
    document.title = `${WORDS[rollout.phase] || rollout.phase}: ${rollout.component} ${rollout.candidate}`;
    say('phase', WORDS[rollout.phase] || rollout.phase);
    byId('phase').className = `phase ${tone(rollout.phase)}`;
    say('id', rollout.id);
    say('verdict', verdict(one, evidence));
    byId('verdict').className = `verdict ${rollout.decision && !tone(rollout.phase) ? 'bad' : tone(rollout.phase)}`;
    say('decides', ['RUNNING', 'PAUSED', 'PLANNED'].includes(rollout.phase) ? one.decides : '');
    const notices = [];
    if (rollout.allToStable) {
      notices.push('All calls are sent to stable, until that is lifted.');
    }
    if (one.automationOff) {
      notices.push('The automation is switched off: the library neither grows the exposure nor rolls back by itself.');
    }
    if (one.awaitsAcknowledgement) {
      notices.push(`A person must say that it is done: ${one.awaitsAcknowledgement}.`);
    }
    for (const message of one.messages) {
      notices.push(`A message to ${message.group} waits ${message.forApproval ? 'to be approved' : 'to be acknowledged'}: ${message.subject}`);
    }
    if (changed('notices', notices)) {
      byId('notices').replaceChildren(...notices.map((text) => element('li', text)));
      byId('notices').hidden = !notices.length;
    }
  }

  function showExposure(one) {
    const calls = one.calls.find((row) => row.role === 'candidate');
    const of = calls && calls.calls ? `${percent(calls.failures / calls.calls)} of ${count(calls.calls)} calls` : '';
    const figures = [
      ['Exposure', percent(one.rollout.share), 'of the calls get the candidate now'],
      ['Calls that the candidate failed', calls ? count(calls.failures) : 'unknown', of],
      ['Since the start', duration(one.elapsedSeconds), one.startedAt ? `it began at ${new Date(one.startedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}` : ''],
    ];
    if (changed('figures', figures)) {
      const list = byId('figures');
      list.replaceChildren();
      for (const [label, value, note] of figures) {
        const group = element('div');
        const shownValue = element('dd', value);
        if (note) {
          shownValue.append(element('span', note, 'note'));
        }
        group.append(element('dt', label), shownValue);
        list.append(group);
      }
    }
    if (changed('steps', [one.steps, one.step, one.rollout.phase])) {
      const isOver = ['PROMOTED'].includes(one.rollout.phase);
      byId('steps').replaceChildren(...one.steps.map((name, index) => {
        const item = element('li', name, index < one.step || isOver ? 'past' : '');
        if (index === one.step && ['RUNNING', 'PAUSED'].includes(one.rollout.phase)) {
          item.setAttribute('aria-current', 'step');
        }
        return item;
      }));
      byId('steps').hidden = !one.steps.length;
    }
  }

  function showEvidence(evidence) {
    const width = Math.max(300, Math.min(860, byId('signals').clientWidth));
    latest = evidence;
    if (!changed('evidence', [evidence, width])) {
      return;
    }
    const curve = evidence.curve;
    const hasCurve = curve !== null && curve !== undefined && curve.points.length > 1;
    byId('chart').hidden = !hasCurve;
    byId('points-details').hidden = !hasCurve;
    say('no-chart', hasCurve ? '' : curve ? 'There is no course of the evidence yet.' : 'The journal keeps no course of the evidence for this rollout.');
    if (hasCurve) {
      byId('chart').replaceChildren(...chart(curve, width));
      const every = Math.max(1, Math.ceil(curve.points.length / 20));
      const points = curve.points.filter((point, index) => index % every === 0 || index === curve.points.length - 1);
      byId('points').replaceChildren(table(
        `Evidence for a regression, as a factor; the candidate is taken back at ${power(curve.log10Threshold)}`,
        [['After', false], ['Exposure', true], ...curve.signals.map((signal) => [signal, true])],
        points.map((point) => [duration(point.elapsedSeconds), percent(point.share), ...point.log10Evidence.map(power)])));
    }
    if (evidence.assessments.length) {
      byId('signals').replaceChildren(table(
        'What each signal says',
        [['Signal', false], ['Verdict', false], ['Why', false]],
        evidence.assessments.map((said) => [
          said.signal,
          [VERDICTS[said.verdict] || said.verdict, said.verdict === 'REGRESSED' ? 'bad-word' : said.verdict === 'NOT_WORSE' ? 'good-word' : ''],
          said.explained.startsWith(`${said.signal}: `) ? upper(said.explained.slice(said.signal.length + 2)) : said.explained,
        ])));
    } else {
      byId('signals').replaceChildren();
    }
  }

  const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  function chart(curve, width) {
    const left = 56;
    const right = width - 16;
    const top = 26;
    const bottom = 226;
    const strip = { top: 244, bottom: 284 };
    const points = curve.points;
    const last = points[points.length - 1];
    const from = points[0].elapsedSeconds;
    const span = Math.max(1, last.elapsedSeconds - from);
    const threshold = curve.log10Threshold;
    const values = points.flatMap((point) => point.log10Evidence).filter((value) => value !== null);
    const high = Math.max(threshold * 1.3, Math.min(threshold * 2, ...[Math.max(threshold, ...values) * 1.05]));
    const low = Math.max(-threshold, Math.min(-threshold / 4, ...values));
    const x = (seconds) => left + ((seconds - from) / span) * (right - left);
    const y = (value) => bottom - ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * (bottom - top);
    const number = (value) => value.toFixed(1);
    const description = curve.signals
      .map((signal, index) => `${signal}: ${power(last.log10Evidence[index])}`)
      .join('; ');
    const svg = drawn('svg', { viewBox: `0 0 ${width} 312`, role: 'img', 'aria-labelledby': 'chart-title chart-text' });
    svg.append(
      drawn('title', { id: 'chart-title' }, 'Evidence for a regression, against the threshold'),
      drawn('desc', { id: 'chart-text' },
        `After ${duration(last.elapsedSeconds)} the evidence is ${description}. The candidate is taken back at ${power(threshold)}. ${percent(last.share)} of the calls get the candidate.`));
    const unit = Math.max(1, Math.ceil((high - low) / 5));
    for (let tick = Math.ceil(low / unit) * unit; tick <= high; tick += unit) {
      svg.append(
        drawn('line', { class: tick === 0 ? 'axis' : 'grid', x1: left, x2: right, y1: number(y(tick)), y2: number(y(tick)) }),
        drawn('text', { x: left - 8, y: number(y(tick) + 4), 'text-anchor': 'end' }, power(tick)));
    }
    const most = Math.max(2, Math.floor((right - left) / 110));
    const step = STEPS.find((seconds) => span / seconds <= most) || Math.ceil(span / most / 86400) * 86400;
    for (let seconds = Math.ceil(from / step) * step; seconds <= from + span; seconds += step) {
      const at = x(seconds);
      svg.append(
        drawn('line', { class: 'axis', x1: number(at), x2: number(at), y1: strip.bottom, y2: strip.bottom + 4 }),
        drawn('text', { x: number(at), y: 303, 'text-anchor': at > right - 24 ? 'end' : 'middle' }, duration(seconds)));
    }
    let area = `M${number(x(from))} ${strip.bottom}`;
    points.forEach((point, index) => {
      const height = number(strip.bottom - (point.share || 0) * (strip.bottom - strip.top));
      area += ` L${number(x(point.elapsedSeconds))} ${height}`;
      if (index + 1 < points.length) {
        area += ` L${number(x(points[index + 1].elapsedSeconds))} ${height}`;
      }
    });
    svg.append(
      drawn('path', { class: 'exposed', d: `${area} L${number(x(last.elapsedSeconds))} ${strip.bottom} Z` }),
      drawn('line', { class: 'grid', x1: left, x2: right, y1: strip.top, y2: strip.top }),
      drawn('line', { class: 'axis', x1: left, x2: right, y1: strip.bottom, y2: strip.bottom }),
      drawn('text', { x: left - 8, y: strip.top + 8, 'text-anchor': 'end' }, '100 %'),
      drawn('text', { x: left - 8, y: strip.bottom, 'text-anchor': 'end' }, '0 %'),
      drawn('text', { x: left + 4, y: strip.top + 14 }, 'exposure'),
      drawn('line', { class: 'threshold', x1: left, x2: right, y1: number(y(threshold)), y2: number(y(threshold)) }),
      drawn('text', { class: 'over', x: left + 4, y: number(y(threshold) - 6) }, `taken back at ${power(threshold)}`));
    const lines = curve.signals.map((signal, index) => ({
      signal,
      style: `c${index % 3}`,
      values: points.map((point) => point.log10Evidence[index]),
    })).filter((line) => line.values.some(isKnown));
    for (const line of lines) {
      line.end = [...line.values].reverse().find(isKnown);
      let path = '';
      line.values.forEach((value, index) => {
        if (isKnown(value)) {
          const isDown = index > 0 && isKnown(line.values[index - 1]);
          path += `${isDown ? 'L' : 'M'}${number(x(points[index].elapsedSeconds))} ${number(y(value))} `;
        }
      });
      svg.append(
        drawn('path', { class: `curve ${line.style}`, d: path.trim() }),
        drawn('circle', { class: `dot ${line.style}`, cx: number(x(last.elapsedSeconds)), cy: number(y(line.end)), r: 3.5 }));
    }
    // The highest is named above its line, the others below theirs.
    let above = -Infinity;
    lines.sort((one, other) => other.end - one.end).forEach((line, index) => {
      above = Math.max(index === 0 ? y(line.end) - 9 : y(line.end) + 17, above + 15);
      svg.append(drawn('text', { class: line.style, x: right - 8, y: number(above), 'text-anchor': 'end' }, `${line.signal} ${power(line.end)}`));
    });
    return [svg, element('figcaption', 'How many times better a regression explains what was counted than a candidate that is as good as is tolerated, times the share of the false-rollback rate that the plan gives the signal.')];
  }

  function showCalls(one) {
    if (!changed('calls', one.calls)) {
      return;
    }
    if (!one.calls.length) {
      byId('calls').replaceChildren(element('p', 'They are counted by another service, and its journal does not have them yet.', 'quiet'));
      return;
    }
    byId('calls').replaceChildren(table(
      'By release; apart are calls that are no evidence, since the coin did not decide them',
      [['Release', false], ['Calls', true], ['Failed', true], ['Rate', true], ['Under way', true], ['Apart', true]],
      one.calls.map((row) => [
        `${row.release} (${row.role})`,
        count(row.calls),
        count(row.failures),
        row.calls ? percent(row.failures / row.calls) : '–',
        count(row.pending),
        count(row.apart),
      ])));
  }

  function showTimeline(told) {
    if (!changed('timeline', told)) {
      return;
    }
    let day = '';
    const items = [];
    for (const line of told.lines) {
      const at = new Date(line.at);
      const thisDay = at.toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
      if (thisDay !== day) {
        day = thisDay;
        items.push(element('li', day, 'day'));
      }
      const item = element('li', null, TURNS.includes(line.type) ? 'turn' : '');
      const time = element('time', at.toLocaleTimeString(undefined, { hour12: false }));
      time.dateTime = line.at;
      item.append(time, element('span', `+${duration(line.sinceStartSeconds)}`, 'since'), element('span', line.what, 'what'));
      items.push(item);
    }
    byId('timeline').replaceChildren(...items);
  }

  function showPreflight(one) {
    if (!changed('preflight', one.preflight)) {
      return;
    }
    const looked = one.preflight;
    const unchecked = looked.items.filter((item) => item.outcome === 'not checked').length;
    const result = !looked.passed ? 'Something that a rollback needs is not there'
      : unchecked ? `Nothing failed of what a rollback needs, and ${unchecked} of ${looked.items.length} could not be looked at`
        : 'All that a rollback needs was looked at before the start, and is there';
    byId('preflight').replaceChildren(looked.items.length
      ? table(
        result,
        [['What', false], ['Outcome', false], ['Detail', false]],
        looked.items.map((item) => [item.name, [item.outcome, item.outcome === 'passed' ? 'good-word' : item.outcome === 'failed' ? 'bad-word' : ''], item.detail]))
      : element('p', one.rollout.here ? 'It was not looked at since this process started.' : 'It is known to the service itself; the timeline says when it was looked at.', 'quiet'));
  }

  function link(text, part, type) {
    const made = element('a', text);
    made.href = `${BASE}/${encodeURIComponent(selected)}/${part}`;
    made.type = type;
    return made;
  }

  function showPostMortem(one) {
    const isOver = ['ROLLED_BACK', 'ROLLING_BACK', 'NEEDS_HUMAN'].includes(one.rollout.phase);
    byId('post-mortem').hidden = !isOver;
    if (!isOver || !changed('post-mortem', [one.rollout.id, one.htmlPostMortem, one.rollout.phase])) {
      return;
    }
    say('post-mortem-text', one.rollout.phase === 'ROLLED_BACK'
      ? 'It is drafted from the journal: what happened, who was hit, what was done, and what is to be found out.'
      : 'It is drafted already; the rollback is not over yet.');
    const links = one.htmlPostMortem ? [link('Read the post-mortem', 'post-mortem.html', 'text/html'), link('The same as Markdown', 'post-mortem', 'text/markdown')]
      : [link('The post-mortem as Markdown', 'post-mortem', 'text/markdown')];
    byId('post-mortem-links').replaceChildren(...links);
  }

  function showPlan(one) {
    if (!changed('plan', one.plan)) {
      return;
    }
    byId('plan').replaceChildren(...Object.entries(one.plan).map(([name, value]) => {
      const group = element('div');
      group.append(element('dt', name), element('dd', value));
      return group;
    }));
  }

  // ---- Reading.

  async function read(path) {
    const answer = await fetch(BASE + path, { headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' });
    const isJson = (answer.headers.get('Content-Type') || '').includes('json');
    if (answer.ok && isJson) {
      return answer.json();
    }
    let message = '';
    if (isJson) {
      message = (await answer.json()).message || '';
    }
    const problem = new Error(message || (answer.status === 401 || answer.status === 403 || answer.redirected
      ? 'You are not logged in, or may not read it: load the page again.'
      : answer.status === 404 ? 'The endpoint rollouts is not exposed.' : `The service answered ${answer.status}.`));
    problem.status = answer.status;
    throw problem;
  }

  function chosen(all) {
    let wanted = '';
    try {
      wanted = decodeURIComponent(location.hash.slice(1));
    } catch (malformed) {
      wanted = '';
    }
    const ids = all.rollouts.map((one) => one.id);
    return ids.includes(wanted) ? wanted : ids.includes(selected) ? selected : ids[0] || null;
  }

  /** Returns how long to wait until the next time. */
  async function look() {
    const mine = ++asked;
    const all = await read('');
    if (mine !== asked) {
      return POLL;
    }
    const next = chosen(all);
    if (next !== selected) {
      selected = next;
      shown.clear();
      byId('forecast').replaceChildren();
    }
    showList(all);
    byId('nothing').hidden = selected !== null;
    byId('rollout').hidden = selected === null;
    trouble(all.journalFailure ? `Only the rollouts of this process are shown: ${all.journalFailure}` : '');
    let wait = POLL;
    if (selected !== null) {
      const path = `/${encodeURIComponent(selected)}`;
      const [one, evidence, told] = await Promise.all([read(path), read(`${path}/evidence`), read(`${path}/timeline`)]);
      if (mine !== asked) {
        return POLL;
      }
      wait = one.rollout.here ? POLL : POLL_OTHERS;
      showHead(one, evidence);
      showExposure(one);
      showEvidence(evidence);
      showCalls(one);
      showPostMortem(one);
      showTimeline(told);
      showPreflight(one);
      showPlan(one);
      byId('forecast-section').hidden = !one.rollout.here;
    }
    say('read', `Read at ${new Date().toLocaleTimeString(undefined, { hour12: false })}`);
    return wait;
  }

  function trouble(text) {
    say('trouble', text);
    byId('trouble').hidden = !text;
  }

  async function poll() {
    clearTimeout(timer);
    let wait = POLL;
    try {
      wait = await look();
    } catch (problem) {
      wait = AFTER_TROUBLE;
      trouble(`This is not up to date. ${problem.status ? problem.message : 'The service does not answer.'}`);
    }
    clearTimeout(timer);
    if (!document.hidden) {
      timer = setTimeout(poll, wait);
    }
  }

  async function forecast() {
    const button = byId('forecast-ask');
    if (button.getAttribute('aria-disabled') === 'true') {
      return;
    }
    const place = byId('forecast');
    const about = selected;
    button.setAttribute('aria-disabled', 'true');
    place.replaceChildren(element('p', 'It is being made …', 'quiet'));
    let parts;
    try {
      const made = await read(`/${encodeURIComponent(about)}/forecast`);
      parts = [];
      if (made.rows.length) {
        parts.push(table(
          `At ${count(Number(made.callsPerSecond.toPrecision(3)))} calls a second, of which stable fails ${percent(made.failureRate)}`,
          [['Step', false], ['Candidate fails', false], ['Found', true], ['Half of them within', true], ['Calls failed', true]],
          made.rows.map((row) => [
            row.step,
            `${row.times === null || row.times === undefined ? 'always' : `${row.times} times as often`} (${percent(row.failureRate)})`,
            percent(row.found),
            row.untilSeconds === null || row.untilSeconds === undefined ? '–' : duration(row.untilSeconds),
            count(Math.round(row.failedCalls)),
          ])));
      }
      if (made.toPromotionSeconds) {
        parts.push(element('p', `A healthy candidate is promoted after ${duration(made.toPromotionSeconds)} at the earliest.`));
      }
      if (made.unseen.length) {
        parts.push(element('p', 'What the plan does not see:'));
        const list = element('ul');
        list.append(...made.unseen.map((text) => element('li', text)));
        parts.push(list);
      }
    } catch (problem) {
      parts = [element('p', `It could not be made: ${ended(problem.message)}`)];
    }
    button.removeAttribute('aria-disabled');
    if (about === selected) {
      place.replaceChildren(...parts);
    }
  }

  byId('forecast-ask').addEventListener('click', forecast);
  byId('skip').addEventListener('click', (event) => {
    event.preventDefault();
    byId('main').focus();
  });
  window.addEventListener('hashchange', poll);
  window.addEventListener('resize', () => {
    if (latest !== null) {
      showEvidence(latest);
    }
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      poll();
    }
  });
  poll();
})();
