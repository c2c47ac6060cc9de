import { X509Certificate } from "node:crypto";
import type { Finding } from "./problems";

/** What is wrong with a folder in a bucket, or undefined. */
export function checkPrefix(text: string): Finding | undefined {
  return /^[\w.-]+(\/[\w.-]+)*$/.test(text)
    ? undefined
    : {
        message: "is not a folder in a bucket (letters, digits, - _ and ., no slash at either end)",
        cure: "write it as in clusters/prod",
      };
}

/** What each of cron's five fields may hold, and its smallest and largest number. */
const CRON_FIELDS: readonly [string, number, number][] = [
  ["minute", 0, 59],
  ["hour", 0, 23],
  ["day of the month", 1, 31],
  ["month", 1, 12],
  ["day of the week", 0, 6],
];

/**
 * What is wrong with a time as cron reads it, or undefined; numbers only, as names of days and months say no more.
 *
 * @see https://pkg.go.dev/github.com/robfig/cron/v3#hdr-CRON_Expression_Format
 */
export function checkCron(text: string): Finding | undefined {
  const cure = 'write it in quotes, as in "30 2 * * *" for each night at half past two';
  const fields = text.split(" ");
  if (fields.length !== CRON_FIELDS.length)
    return { message: "is not a time as cron reads it: five fields with one space between", cure };
  const wrong = CRON_FIELDS.find(([, least, most], i) => !isCronField(fields[i] ?? "", least, most));
  return (
    wrong && {
      message: `is not a time as cron reads it: the ${wrong[0]} is not ${wrong[1]} to ${wrong[2]}`,
      cure,
    }
  );
}

function isCronField(text: string, least: number, most: number): boolean {
  return text.split(",").every((part) => {
    const [, any, from = "", to = from, step = "1"] =
      /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [];
    if (any !== undefined) return Number(step) >= 1;
    const [first, last] = [Number(from), Number(to)];
    return from !== "" && first >= least && last >= first && last <= most && Number(step) >= 1;
  });
}

/** What is wrong with certificates in PEM, or undefined. */
export function checkCertificates(text: string): Finding | undefined {
  if (text.includes("PRIVATE KEY")) {
    return {
      message: "holds a private key where certificates are needed",
      cure: "treat that key as leaked, and write the CA's certificate alone",
    };
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.length > 0 && blocks.every(isCertificate)
    ? undefined
    : {
        message: "is not a certificate in PEM",
        cure: "write it as a block of lines (caCert: |) from BEGIN CERTIFICATE to END CERTIFICATE",
      };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}
