import {expect, expectAccessible, makeUser, signIn, test} from '../support/test.ts';

// axe looks at each state four times.
test.describe.configure({timeout: 150_000});

test('what one did stands there in sentences, newest first, with ways to it', async ({
  home, user, server, watch
}) => {
  watch.allow(/status of 404/);
  await user.put('Letters/<b>bold & ünïcode.txt', 'x'.repeat(1536));
  await user.send('GET', `/files/${user.name}/nothing.txt`);
  await home.getByRole('link', {name: 'Activity'}).click();
  await expect(home.getByRole('heading', {name: 'Today'})).toBeVisible();
  const entries = home.getByRole('main').getByRole('listitem');
  await expect(entries.first()).toContainText(
    `Failed to download /${user.name}/nothing.txt: it was not there`
  );
  await expect(entries.first().getByText('Failed', {exact: true})).toBeVisible();
  const upload = entries.filter({hasText: 'Uploaded'});
  await expect(upload).not.toContainText('Failed');
  await expect(upload).toContainText(
    `Uploaded /${user.name}/Letters/<b>bold & ünïcode.txt (1.5 KiB)`
  );
  await expect(entries.filter({hasText: 'Signed in with password'}).first()).toBeVisible();
  await expect(entries.filter({hasText: 'Chrome on Linux'}).first()).toBeVisible();
  await expect(home.getByText('Kept a session going')).toHaveCount(0);
  await expectAccessible(home);
  await upload.getByRole('link').click();
  await expect(home).toHaveURL(`${server.url}/files/${user.name}/Letters`);
});

test('the details of a file mark what failed of it', async ({home, user}) => {
  await user.put('b.md', 'one');
  await user.send('PUT', `/files/${user.name}/b.md`, {body: 'another'});
  await home.reload();
  await home.getByRole('checkbox', {name: 'Select b.md'}).click();
  await home.getByRole('button', {name: 'Details'}).click();
  const pane = home.getByRole('complementary', {name: 'Details'});
  await pane.locator('summary', {hasText: 'Activity'}).click();
  await expect(pane.getByText('Failed to upload')).toBeVisible();
  await expect(pane.getByText('Failed', {exact: true})).toHaveCount(1);
  await expectAccessible(home);
});

test('filters work by keyboard, live in the address, and are cleared', async ({home, user}) => {
  await user.put('a/one.txt', '1');
  await user.put('b/two.txt', '2');
  await home.goto('/activity');
  const entries = home.getByRole('main').getByRole('listitem');
  for (const width of [360, 1280, 1920]) {
    await home.setViewportSize({width, height: 800});
    const form = (await home.getByRole('form').boundingBox())!;
    const field = (await home.locator('form .box').last().boundingBox())!;
    expect(field.x + field.width, `at ${width}`).toBeLessThanOrEqual(form.x + form.width);
    // Each has one border, and those of a row are of one height.
    const borders = home.getByLabel(/^(From|To)$/).evaluateAll((inputs) =>
      inputs.map((input) => getComputedStyle(input).borderTopWidth));
    expect(await borders).toEqual(['0px', '0px']);
    const heights = home.locator('form :is(select, .box)').evaluateAll((boxes) =>
      boxes.map((box) => box.getBoundingClientRect().height));
    expect(new Set(await heights).size).toBe(1);
  }
  await home.setViewportSize({width: 1280, height: 800});
  await home.getByLabel('What').focus();
  await home.keyboard.type('Files');
  await expect(home).toHaveURL(/type=files/);
  await expect(home.getByText('Signed in with password')).toHaveCount(0);
  await home.getByLabel('Path begins with').focus();
  await home.keyboard.type(`/${user.name}/b`);
  await home.keyboard.press('Enter');
  await expect(entries).toHaveCount(2);
  await home.reload();
  await expect(home.getByLabel('What')).toHaveValue('files');
  await expect(home.getByLabel('Path begins with')).toHaveValue(`/${user.name}/b`);
  await expect(entries).toHaveCount(2);

  await home.getByLabel('Outcome').selectOption('Failed');
  await expect(home.getByText('Nothing fits these filters')).toBeVisible();
  await expectAccessible(home);
  await home.getByRole('main').getByRole('button', {name: 'Clear filters'}).last().click();
  await expect(home).toHaveURL(/\/activity$/);
  await expect(home.getByLabel('What')).toHaveValue('');
  await expect(home.getByText('Signed in with password').first()).toBeVisible();
});

test('days are chosen, the last one whole', async ({home, user}) => {
  await user.put('one.txt', '1');
  await home.goto('/activity');
  const today = await home.evaluate(() => {
    const now = new Date();
    const two = (value: number) => String(value).padStart(2, '0');
    return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  });
  await home.getByLabel('From').fill(today);
  await home.getByLabel('To', {exact: true}).fill(today);
  await expect(home).toHaveURL(new RegExp(`from=${today}.*to=${today}`));
  await expect(home.getByText('Uploaded')).toBeVisible();
  await home.goto('/activity?to=2020-01-01');
  await expect(home.getByText('Nothing fits these filters')).toBeVisible();
  await expect(home.getByText('From is after To.')).toBeHidden();
  await home.goto('/activity?from=2020-01-02&to=2020-01-01');
  await expect(home.getByText('From is after To.')).toBeVisible();
});

test('renewals of sessions are shown where asked for', async ({home}) => {
  await home.reload();
  await expect(home.getByRole('link', {name: 'Activity'})).toBeVisible();
  await home.goto('/activity');
  await expect(home.getByText('Signed in with password').first()).toBeVisible();
  await home.getByLabel('Show that sessions were kept going').check();
  await expect(home.getByText('Kept a session going').first()).toBeVisible();
  await expect(home).toHaveURL(/renewals=1/);
});

test('older ones come when asked for, each once', async ({home, user}) => {
  for (let i = 0; i < 60; ++i) await user.folder(`f${i}`);
  await home.goto('/activity?type=files');
  const entries = home.getByRole('main').getByRole('listitem');
  await expect(entries).toHaveCount(50);
  await home.getByRole('button', {name: 'Show older'}).focus();
  await home.keyboard.press('Enter');
  await expect(entries).toHaveCount(60);
  const all = await entries.allInnerTexts();
  expect(new Set(all.map((text) => /\/f\d+/.exec(text)![0])).size).toBe(60);
  await expect(home.getByRole('button', {name: 'Show older'})).toHaveCount(0);
});

test('an administrator sees the own ones only, here', async ({page, admin, server, user}) => {
  const other = await makeUser(admin, server, {role: 'admin'});
  await user.put('secret.txt', '1');
  await page.goto('/login?next=/activity');
  await signIn(page, other.name);
  await expect(page.getByText('Signed in with password').first()).toBeVisible();
  await expect(page.getByText('secret.txt')).toHaveCount(0);
});

test('an error says what it was, and is tried again', async ({home, watch}) => {
  watch.allow(/status of 500/);
  await home.route('**/audit/events?*', (route) => route.fulfill({
    status: 500, contentType: 'application/problem+json',
    body: JSON.stringify({
      type: 'about:blank', title: 'x', status: 500, detail: 'x', code: 'internal',
      request_id: 'request-9'
    })
  }));
  await home.goto('/activity');
  await expect(home.getByText('Request request-9')).toBeVisible();
  await expectAccessible(home);
  await home.unroute('**/audit/events?*');
  await home.getByRole('button', {name: 'Try again'}).click();
  await expect(home.getByText('Signed in with password').first()).toBeVisible();
});

test('it is told in German too', async ({home, user}) => {
  await user.put('brief.txt', 'x'.repeat(2048));
  await home.goto('/activity');
  await expect(home.getByText('brief.txt')).toBeVisible();
  await home.evaluate(() => localStorage.setItem('baluhost.language', 'de'));
  await home.reload();
  await expect(home.getByRole('heading', {name: 'Heute'})).toBeVisible();
  await expect(home.getByText(`/${user.name}/brief.txt hochgeladen (2 KiB)`)).toBeVisible();
  await expectAccessible(home);
});

test('why a right was not given is said in words', async ({home, user}) => {
  await user.put('b.md', 'x');
  const body = JSON.stringify({
    path: `/${user.name}/b.md`, grantee: user.name, rights: ['read']
  });
  const headers = {'Content-Type': 'application/json'};
  expect((await user.send('PUT', '/grants', {headers, body})).status).toBe(400);
  await home.goto('/activity?outcome=failed');
  const entry = home.getByRole('main').getByRole('listitem');
  await expect(entry).toContainText(
    `Failed to give ${user.name} rights at /${user.name}/b.md: read: the owner has all rights`);
});
