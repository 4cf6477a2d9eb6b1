/** One line for people who look after the host. Never a token, a link, a password or an argument's text. */
export type Log = (line: string) => void;
