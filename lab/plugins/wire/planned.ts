/**
 * Resources that make something once and keep it, as the bridged Terraform providers tls and random do.
 *
 * The rules (terraform-plugin-framework): a change of an input replaces, except those listed; defaults count as inputs.
 */
import { compare, topLevel, type Change, type Difference } from "./diff";
import type { Call, Checked, Created, Failure, Known, Resource } from "./resource";
import { hasUnknown, plainProps, secret, UNKNOWN, type Props, type Value } from "./values";

/** What tells one planned resource from another. */
export interface Plan {
  required: readonly string[];
  optional: readonly string[];
  /** Values of inputs that are not given. */
  defaults?: Readonly<Record<string, Value>>;
  /** Inputs that keep their last value when they are no longer given. */
  sticky?: readonly string[];
  /** Inputs whose change is only noted. */
  inPlace?: readonly string[];
  /** Outputs that are not inputs. */
  computed: readonly string[];
  /** Outputs that are marked secret whatever the program says. */
  secrets?: readonly string[];
  /** Refuses inputs by their values; unknown ones are left out. */
  validate?(inputs: Props): Failure[];
  /** Fills in inputs that follow from others. */
  complete?(inputs: Props): Props;
  /** Says that a change needs no replacement although its input is not among `inPlace`. */
  spares?(name: string, before: Value | undefined, now: Value | undefined): boolean;
  /** Names an output whose time has come; the resource is then replaced. */
  overdue?(state: Props): string | undefined;
  /** Makes the thing: its id and computed outputs. */
  make(inputs: Props): Promise<{ id: string; computed: Props }>;
}

/** Makes a resource of a plan. */
export function plannedResource(plan: Plan): Resource {
  const inputs = [...plan.required, ...plan.optional];

  const planned = (news: Props, before: Props = {}): Props => {
    const kept = Object.fromEntries((plan.sticky ?? []).map((name) => [name, before[name] ?? null]));
    const filled = { ...plan.defaults, ...kept, ...withoutNulls(news) };
    return withoutNulls(pick(plan.complete?.(filled) ?? filled, inputs));
  };
  const marked = (state: Props): Props =>
    Object.fromEntries(
      Object.entries(state).map(([name, value]) => [
        name,
        plan.secrets?.includes(name) ? secret(value) : value,
      ]),
    );

  return {
    check(news: Props): Checked {
      const missing = plan.required.filter((name) => (news[name] ?? null) === null);
      const failures = missing.map((property) => ({ property, reason: "missing required property" }));
      for (const property of Object.keys(news)) {
        if (!inputs.includes(property) && !property.startsWith("__") && news[property] !== null) {
          failures.push({ property, reason: "the stand-in plugin has no such input" });
        }
      }
      const known = Object.fromEntries(
        Object.entries(planned(news)).filter(([, value]) => !hasUnknown(value)),
      );
      return { inputs: news, failures: [...failures, ...(plan.validate?.(known) ?? [])] };
    },

    diff(known: Known, news: Props): Difference {
      const now = plainProps(planned(news, known.state));
      const before = plainProps(pick(known.state, inputs));
      const changes = new Map<string, Change>(compare(before, now));
      const replaces = new Set<string>();
      for (const name of new Set([...changes.keys()].map(topLevel))) {
        const spared = plan.inPlace?.includes(name) || plan.spares?.(name, before[name], now[name]);
        if (!spared) replaces.add(name);
      }
      const overdue = plan.overdue?.({ ...known.state, ...now });
      if (overdue !== undefined) {
        changes.set(overdue, "update");
        replaces.add(overdue);
      }
      return { changes, replaces: [...replaces] };
    },

    async create(news: Props, call: Call): Promise<Created> {
      const now = planned(news);
      if (call.preview) {
        const unknown = Object.fromEntries(plan.computed.map((name) => [name, UNKNOWN]));
        return { id: UNKNOWN, state: marked({ ...now, ...unknown }) };
      }
      if (hasUnknown(now)) throw new Error("an input is not known yet");
      const { id, computed } = await plan.make(plainProps(now));
      return { id, state: marked({ ...now, ...computed }) };
    },

    async update(known: Known, news: Props): Promise<Props> {
      const others = Object.entries(known.state).filter(([name]) => !inputs.includes(name));
      return marked({ ...Object.fromEntries(others), ...planned(news, known.state) });
    },

    refresh(known: Known): Props {
      const overdue = plan.overdue?.(known.state);
      return marked(overdue === undefined ? known.state : { ...known.state, [overdue]: true });
    },
  };
}

function pick(props: Props, names: readonly string[]): Props {
  return Object.fromEntries(Object.entries(props).filter(([name]) => names.includes(name)));
}

function withoutNulls(props: Props): Props {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== null));
}
