import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cookieNames, readCookie } from '../../src/web/cookies.ts';
import { isConsolePath } from '../../src/web/return-path.ts';

test('a cookie is read among others, by its whole name', () => {
  assert.is(readCookie('a=1; placet=x; b=2', 'placet'), 'x');
  assert.is(readCookie('xplacet=1; placetx=2', 'placet'), undefined);
  assert.is(readCookie('PLACET=1', 'placet'), undefined);
});

test('a cookie that is empty, doubled or without a value is none', () => {
  for (const header of ['placet=', 'placet', 'placet=a; placet=b', 'placet=a;placet=a', '', ';;=;']) {
    assert.is(readCookie(header, 'placet'), undefined, header);
  }
  assert.is(readCookie(undefined, 'placet'), undefined);
});

test('the names bind to the host over https, and to the port on loopback', () => {
  assert.equal(cookieNames(new URL('https://placet.example.com/sub')), {
    session: '__Host-placet',
    signOn: '__Host-placet-sso',
    secure: true,
  });
  assert.equal(cookieNames(new URL('http://localhost')), {
    session: 'placet_session_80',
    signOn: 'placet_sso_80',
    secure: false,
  });
});

test('only paths of the console are ways back', () => {
  for (const path of ['console', 'console/me', 'console?text=a', 'console/requests?text=%2F%2Fevil']) {
    assert.ok(isConsolePath(path), path);
  }
  for (const path of [
    '',
    '/console',
    '//evil.example',
    'consolex',
    'console/../evil',
    'console/%2e%2e/evil',
    'console\\evil',
    'console/\n/evil',
    'https://evil.example/console',
    `console/${'x'.repeat(1000)}`,
  ]) {
    assert.not.ok(isConsolePath(path), path);
  }
});

test.run();
