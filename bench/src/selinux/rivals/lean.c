/*
 * The kernel's algorithm by itself: every pair of attributes looked up in a hash table of chained rules, conditional
 * rules in another one, constraints evaluated on a stack. No allocation, no locks, no SIDs.
 *
 *   lean DATA    words as lean-data.ts writes them: types, rules, classes, contexts, tuples
 */
#include "pass.h"

struct node {
	uint32_t start;
	uint64_t map;
};

struct ebitmap {
	uint32_t count;
	struct node *nodes;
};

struct rule {
	uint16_t source, target, tclass, specified;
	uint32_t datum;
	struct rule *next;
};

struct table {
	uint32_t mask;
	struct rule **slots;
};

struct expr {
	uint32_t kind, attr, op;
	struct ebitmap names;
};

struct constraint {
	uint32_t mask, count;
	struct expr *exprs;
};

struct class {
	uint32_t count;
	struct constraint *constraints;
};

struct level {
	uint32_t sens;
	struct ebitmap cats;
};

struct context {
	uint32_t user, role, type;
	struct level low, high;
};

struct av {
	uint32_t allowed, auditallow, auditdeny;
};

static uint32_t *at, types, classes, process, transitions, roles, tuple_count;
static struct ebitmap *attributes;
static uint32_t *bounds;
static struct table rules, conditional;
static struct class *class_of;
static struct ebitmap *dominates;
static uint8_t *role_allow;
static struct context *contexts;
static uint32_t (*tuples)[3];

static uint32_t word(void)
{
	return *at++;
}

static struct ebitmap read_ebitmap(void)
{
	struct ebitmap e = { word(), NULL };

	e.nodes = malloc((e.count + 1) * sizeof(*e.nodes));
	for (uint32_t i = 0; i < e.count; i++) {
		e.nodes[i].start = word();
		e.nodes[i].map = word();
		e.nodes[i].map |= (uint64_t)word() << 32;
	}
	return e;
}

static int has(const struct ebitmap *e, uint32_t bit)
{
	for (uint32_t i = 0; i < e->count && e->nodes[i].start <= bit; i++)
		if (bit < e->nodes[i].start + 64)
			return (e->nodes[i].map >> (bit - e->nodes[i].start)) & 1;
	return 0;
}

static int contains(const struct ebitmap *a, const struct ebitmap *b)
{
	uint32_t i = 0, j = 0;

	while (j < b->count) {
		while (i < a->count && a->nodes[i].start < b->nodes[j].start)
			i++;
		if (i == a->count || a->nodes[i].start != b->nodes[j].start || (b->nodes[j].map & ~a->nodes[i].map))
			return 0;
		j++;
	}
	return 1;
}

static int same(const struct ebitmap *a, const struct ebitmap *b)
{
	return a->count == b->count && contains(a, b) && contains(b, a);
}

static uint32_t hash(uint32_t source, uint32_t target, uint32_t tclass)
{
	uint32_t h = 0, keys[3] = { tclass, target, source };

	for (int i = 0; i < 3; i++) {
		uint32_t v = keys[i] * 0xcc9e2d51u;

		v = ((v << 15) | (v >> 17)) * 0x1b873593u;
		h ^= v;
		h = ((h << 13) | (h >> 19)) * 5 + 0xe6546b64u;
	}
	h ^= h >> 16;
	h *= 0x85ebca6bu;
	h ^= h >> 13;
	h *= 0xc2b2ae35u;
	return h ^ (h >> 16);
}

/* Rules of one slot are sorted, as avtab_insert_node keeps them; a slot has four on average. */
static struct table read_rules(void)
{
	uint32_t count = word(), slots = 1;
	struct table t;

	while (slots < count / 4)
		slots *= 2;
	t.mask = slots - 1;
	t.slots = calloc(slots, sizeof(*t.slots));
	while (count--) {
		struct rule *r = malloc(sizeof(*r)), **p;
		uint32_t pair = word(), rest = word();

		r->source = (uint16_t)(pair >> 16);
		r->target = (uint16_t)pair;
		r->tclass = (uint16_t)(rest >> 16);
		r->specified = (uint16_t)rest;
		r->datum = word();
		p = &t.slots[hash(r->source, r->target, r->tclass) & t.mask];
		while (*p && ((*p)->source < r->source || ((*p)->source == r->source && ((*p)->target < r->target ||
		       ((*p)->target == r->target && (*p)->tclass < r->tclass)))))
			p = &(*p)->next;
		r->next = *p;
		*p = r;
	}
	return t;
}

static void apply(const struct table *t, uint16_t source, uint16_t target, uint16_t tclass, struct av *av)
{
	const struct rule *r = t->slots[hash(source, target, tclass) & t->mask];

	for (; r; r = r->next) {
		if (r->source == source && r->target == target && r->tclass == tclass) {
			if (r->specified == 1)
				av->allowed |= r->datum;
			else if (r->specified == 2)
				av->auditallow |= r->datum;
			else if (r->specified == 4)
				av->auditdeny &= r->datum;
		} else if (r->source > source || (r->source == source && (r->target > target ||
			   (r->target == target && r->tclass > tclass)))) {
			break;
		}
	}
}

static int level_dom(const struct level *a, const struct level *b)
{
	return a->sens >= b->sens && contains(&a->cats, &b->cats);
}

static int level_op(uint32_t op, const struct level *a, const struct level *b)
{
	switch (op) {
	case 1:
		return a->sens == b->sens && same(&a->cats, &b->cats);
	case 2:
		return a->sens != b->sens || !same(&a->cats, &b->cats);
	case 3:
		return level_dom(a, b);
	case 4:
		return level_dom(b, a);
	default:
		return !level_dom(a, b) && !level_dom(b, a);
	}
}

static int role_op(uint32_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case 1:
		return a == b;
	case 2:
		return a != b;
	case 3:
		return has(&dominates[a], b - 1);
	case 4:
		return has(&dominates[b], a - 1);
	default:
		return !has(&dominates[a], b - 1) && !has(&dominates[b], a - 1);
	}
}

static int attr_op(const struct expr *e, const struct context *s, const struct context *t)
{
	switch (e->attr) {
	case 1:
		return (s->user == t->user) == (e->op == 1);
	case 2:
		return role_op(e->op, s->role, t->role);
	case 4:
		return (s->type == t->type) == (e->op == 1);
	case 32:
		return level_op(e->op, &s->low, &t->low);
	case 64:
		return level_op(e->op, &s->low, &t->high);
	case 128:
		return level_op(e->op, &s->high, &t->low);
	case 256:
		return level_op(e->op, &s->high, &t->high);
	case 512:
		return level_op(e->op, &s->low, &s->high);
	default:
		return level_op(e->op, &t->low, &t->high);
	}
}

static int holds(const struct constraint *c, const struct context *s, const struct context *t)
{
	int stack[5], top = -1;

	for (uint32_t i = 0; i < c->count; i++) {
		const struct expr *e = &c->exprs[i];

		switch (e->kind) {
		case 1:
			stack[top] = !stack[top];
			break;
		case 2:
			top--;
			stack[top] &= stack[top + 1];
			break;
		case 3:
			top--;
			stack[top] |= stack[top + 1];
			break;
		case 4:
			stack[++top] = attr_op(e, s, t);
			break;
		default: {
			const struct context *x = e->attr & 8 ? t : s;
			uint32_t value = e->attr & 1 ? x->user : e->attr & 2 ? x->role : x->type;

			stack[++top] = has(&e->names, value - 1) == (e->op == 1);
		}
		}
	}
	return stack[0];
}

static void compute(const struct context *s, const struct context *t, uint32_t tclass, struct av *av)
{
	const struct ebitmap *sources = &attributes[s->type], *targets = &attributes[t->type];
	const struct class *c = &class_of[tclass];

	av->allowed = av->auditallow = 0;
	av->auditdeny = ~0u;
	for (uint32_t i = 0; i < sources->count; i++)
		for (uint64_t a = sources->nodes[i].map; a; a &= a - 1) {
			uint16_t source = (uint16_t)(sources->nodes[i].start + (uint32_t)__builtin_ctzll(a) + 1);

			for (uint32_t j = 0; j < targets->count; j++)
				for (uint64_t b = targets->nodes[j].map; b; b &= b - 1) {
					uint16_t target = (uint16_t)(targets->nodes[j].start + (uint32_t)__builtin_ctzll(b) + 1);

					apply(&rules, source, target, (uint16_t)tclass, av);
					apply(&conditional, source, target, (uint16_t)tclass, av);
				}
		}
	for (uint32_t i = 0; i < c->count; i++)
		if ((c->constraints[i].mask & av->allowed) && !holds(&c->constraints[i], s, t))
			av->allowed &= ~c->constraints[i].mask;
	if (tclass == process && (av->allowed & transitions) && s->role != t->role &&
	    !role_allow[s->role * (roles + 1) + t->role])
		av->allowed &= ~transitions;
	if (bounds[s->type]) {
		struct context low = *s, object = *t;
		struct av limit;

		low.type = bounds[s->type];
		if (bounds[t->type])
			object.type = bounds[t->type];
		compute(&low, &object, tclass, &limit);
		av->allowed &= limit.allowed;
	}
}

static uint32_t sum_all(void)
{
	uint32_t sum = 2166136261u;
	struct av av;

	for (uint32_t i = 0; i < tuple_count; i++) {
		compute(&contexts[tuples[i][0]], &contexts[tuples[i][1]], tuples[i][2], &av);
		sum = mix(mix(mix(sum, av.allowed), av.auditallow), av.auditdeny);
	}
	return sum;
}

static double pass_all(void)
{
	uint64_t start = now_ns();
	volatile uint32_t sink = sum_all();

	(void)sink;
	return (double)(now_ns() - start) / tuple_count;
}

static void read_class(struct class *c)
{
	c->count = word();
	c->constraints = malloc((c->count + 1) * sizeof(*c->constraints));
	for (uint32_t i = 0; i < c->count; i++) {
		struct constraint *k = &c->constraints[i];

		k->mask = word();
		k->count = word();
		k->exprs = malloc(k->count * sizeof(*k->exprs));
		for (uint32_t j = 0; j < k->count; j++) {
			k->exprs[j].kind = word();
			k->exprs[j].attr = word();
			k->exprs[j].op = word();
			k->exprs[j].names = read_ebitmap();
		}
	}
}

int main(int argc, char **argv)
{
	size_t size;
	uint32_t n;

	if (argc < 2)
		return 2;
	at = (uint32_t *)(void *)read_all(argv[1], &size);
	types = word();
	attributes = calloc(types + 1, sizeof(*attributes));
	bounds = calloc(types + 1, sizeof(*bounds));
	for (uint32_t i = 1; i <= types; i++) {
		attributes[i] = read_ebitmap();
		bounds[i] = word();
	}
	rules = read_rules();
	conditional = read_rules();
	classes = word();
	class_of = calloc(classes + 1, sizeof(*class_of));
	for (uint32_t i = 1; i <= classes; i++)
		read_class(&class_of[i]);
	process = word();
	transitions = word();
	roles = word();
	dominates = calloc(roles + 1, sizeof(*dominates));
	for (uint32_t i = 1; i <= roles; i++)
		dominates[i] = read_ebitmap();
	role_allow = calloc((roles + 1) * (roles + 1), 1);
	for (n = word(); n; n--) {
		uint32_t from = word();

		role_allow[from * (roles + 1) + word()] = 1;
	}
	n = word();
	contexts = calloc(n + 1, sizeof(*contexts));
	for (uint32_t i = 0; i < n; i++) {
		contexts[i].user = word();
		contexts[i].role = word();
		contexts[i].type = word();
		contexts[i].low.sens = word();
		contexts[i].low.cats = read_ebitmap();
		contexts[i].high.sens = word();
		contexts[i].high.cats = read_ebitmap();
	}
	tuple_count = word();
	tuples = malloc(tuple_count * sizeof(*tuples));
	for (uint32_t i = 0; i < tuple_count; i++)
		for (int j = 0; j < 3; j++)
			tuples[i][j] = word();
	answer_parent(pass_all, sum_all);
	return 0;
}
