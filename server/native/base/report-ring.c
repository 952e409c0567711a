/* Reads reports, of which nothing is believed: the process that writes them may write anything, also while they are read. */
#include "base/report-ring.h"

#include <string.h>

enum report_read take_report(struct report_ring *ring, uint32_t *taken, struct report *out)
{
	uint32_t at = *taken;
	uint32_t waiting = atomic_load_explicit(&ring->written, memory_order_acquire) - at;
	uint32_t place = at % RING_BYTES, rest = RING_BYTES - place;
	struct report_head head;
	if (waiting == 0)
		return REPORT_READ_NONE;
	if (waiting > RING_BYTES || waiting < sizeof head || place % 8 != 0)
		return REPORT_READ_DAMAGED;
	memcpy(&head, ring->bytes + place, sizeof head);
	if (head.length > RING_BYTES || report_size(head.length) > waiting || report_size(head.length) > rest ||
	    head.kind > LAST_REPORT_KIND || head.result > FOUND_FOLDER || (head.kind != REPORT_PADDING && head.length >= sizeof out->path))
		return REPORT_READ_DAMAGED;
	out->kind = head.kind;
	out->result = head.result;
	out->length = head.kind == REPORT_PADDING ? 0 : head.length;
	memcpy(out->path, ring->bytes + place + sizeof head, out->length);
	out->path[out->length] = '\0';
	*taken = at + report_size(head.length);
	atomic_store_explicit(&ring->taken, *taken, memory_order_release);
	if (head.kind != REPORT_PADDING && (head.length == 0 || memchr(out->path, '\0', out->length)))
		return REPORT_READ_DAMAGED;
	return REPORT_READ_WHOLE;
}
