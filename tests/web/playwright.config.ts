import {defineConfig} from '@playwright/test';

// Debian's Chromium, as whoever runs the tests has it, with an empty profile for each test.
export default defineConfig({
  testDir: '.',
  outputDir: process.env.BALUHOST_TEST_OUTPUT ?? 'results',
  workers: 1,
  // Again where two busy cores held a page up; what fails three times is a fault.
  retries: 2,
  timeout: 180_000,
  expect: {timeout: 20_000},
  forbidOnly: true,
  reporter: 'list',
  use: {
    viewport: {width: 1280, height: 800},
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    actionTimeout: 20_000,
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync'
      ]
    }
  }
});
