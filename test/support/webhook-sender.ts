/** A process of its own that sends one webhook, as which certificates Node trusts is settled at its start. */
import { createWebhookDriver } from '../../src/notify/webhook/driver.ts';
import { placeAsk } from './notices.ts';
import { realClock } from './real-clock.ts';

const [url = '', secret = ''] = process.argv.slice(2);
const driver = createWebhookDriver({
  webhooks: [{ name: 'siem', url, secrets: [secret] }],
  allow: ['127.0.0.1'],
  publicUrl: 'http://localhost:7447',
  clock: realClock,
});
const said = await driver
  .place?.('webhook:siem')
  ?.post(await placeAsk())
  .then(
    ({ message_id }) => `taken as ${message_id}`,
    (error: unknown) => String(error),
  );
process.stdout.write(`${said}\n`);
await driver.close();
