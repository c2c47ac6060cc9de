/** Names and alternative names, in the order and string types of Go's crypto/x509/pkix. */
import { Name, SubjectAlternativeNameExtension, type JsonGeneralNames } from "./x509";
import { isIP } from "node:net";
import { isObject, type Props, type Value } from "../wire/values";

/** A distinguished name's values by field, each field in one relative name. */
export type Subject = ReadonlyMap<Field, readonly string[]>;

type Field = (typeof FIELDS)[number]["field"];

/** In the order in which Go encodes them. */
const FIELDS = [
  { field: "country", oid: "2.5.4.6" },
  { field: "organization", oid: "2.5.4.10" },
  { field: "organizationalUnit", oid: "2.5.4.11" },
  { field: "locality", oid: "2.5.4.7" },
  { field: "province", oid: "2.5.4.8" },
  { field: "streetAddresses", oid: "2.5.4.9" },
  { field: "postalCode", oid: "2.5.4.17" },
  { field: "commonName", oid: "2.5.4.3" },
  { field: "serialNumber", oid: "2.5.4.5" },
  { field: "emailAddress", oid: "1.2.840.113549.1.9.1" },
] as const;

const EMAIL_ADDRESS = "emailAddress";

/** Reads the `subject` input. */
export function subjectOf(value: Value | undefined): Subject {
  const props = isObject(value) ? value : {};
  return collect(({ field }) => {
    const given = props[field];
    if (given === undefined || given === null) return [];
    return Array.isArray(given) ? given.map(String) : [String(given)];
  });
}

/** Reads a parsed name; Go carries an e-mail address from a request into no certificate. */
export function subjectOfName(name: { getField(oid: string): string[] }): Subject {
  return collect(({ field, oid }) => (field === EMAIL_ADDRESS ? [] : name.getField(oid)));
}

function collect(values: (entry: (typeof FIELDS)[number]) => readonly string[]): Subject {
  return new Map(
    FIELDS.map((entry) => [entry.field, values(entry)] as const).filter(([, found]) => found.length > 0),
  );
}

/** The name for the certificate library. */
export function encoded(subject: Subject): Name {
  return new Name(
    FIELDS.flatMap(({ field, oid }) => {
      const values = subject.get(field);
      if (values === undefined) return [];
      return [
        { [oid]: values.map((text) => (field === EMAIL_ADDRESS ? { ia5String: text } : stringType(text))) },
      ];
    }),
  );
}

function stringType(text: string): { printableString: string } | { utf8String: string } {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? { printableString: text } : { utf8String: text };
}

/** Reads the inputs for alternative names. */
export function alternativeNames(inputs: Props): JsonGeneralNames {
  const texts = (name: string): string[] => {
    const value = inputs[name];
    return Array.isArray(value) ? value.map(String) : [];
  };
  return [
    ...texts("dnsNames").map((value) => ({ type: "dns" as const, value })),
    ...texts("ipAddresses").map((value) => ({ type: "ip" as const, value: checkedAddress(value) })),
    ...texts("uris").map((value) => ({ type: "url" as const, value })),
  ];
}

function checkedAddress(text: string): string {
  if (isIP(text) === 0) throw new Error(`Invalid IP address: Failed to parse ${JSON.stringify(text)}`);
  return text;
}

/** The extension for alternative names, if there are any; critical when nothing else names the subject. */
export function alternativeNamesExtension(
  names: JsonGeneralNames,
  subject: Subject,
): SubjectAlternativeNameExtension[] {
  return names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names, subject.size === 0)];
}
