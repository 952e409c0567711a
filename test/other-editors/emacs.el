;;; Drives Emacs with Eglot as its user would: open, find, trial, fix, verify.  -*- lexical-binding: t -*-
;; Started by editors.test.ts with the places in the environment.
(require 'eglot)
(require 'cl-lib)
(setq-default eglot-workspace-configuration '((:ebuildAudit . (:quickTrials t))))

(defvar eglot-connect-timeout)
(setq eglot-connect-timeout 30 eglot-autoshutdown nil eglot-confirm-server-initiated-edits nil make-backup-files nil)
(define-derived-mode ebuild-mode sh-mode "Ebuild")
(add-to-list 'eglot-server-programs
             `(ebuild-mode . (,(getenv "PROGRAM") "lsp" :initializationOptions (:trusted t))))
(add-to-list 'auto-mode-alist '("\\.ebuild\\'" . ebuild-mode))

(defun drive-step (name work)
  "Run WORK and say that the step NAME is done; end Emacs if it fails."
  (condition-case problem
      (prog1 (funcall work) (princ (format "ok %s\n" name)))
    (error (princ (format "%s: %S\n" name problem) #'external-debugging-output) (kill-emacs 1))))

(defun drive-wait (what seconds condition)
  "Wait for CONDITION, at most SECONDS; WHAT is what an error names."
  (let ((end (+ (float-time) seconds)))
    (while (not (funcall condition))
      (when (> (float-time) end) (error "Waited in vain for %s" what))
      (accept-process-output nil 0.05))))

(defun drive-codes ()
  "The texts of the diagnostics of the buffer."
  (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(defun drive-execute (server uri command)
  "Run COMMAND of SERVER for the ebuild at URI."
  (let ((jsonrpc-default-request-timeout 240))
    (jsonrpc-request server :workspace/executeCommand
                     (list :command (concat "ebuild-audit." command) :arguments (vector uri)) :timeout 240)))

(let* ((buffer (find-file-noselect (getenv "EBUILD"))) server uri)
  (with-current-buffer buffer
    (drive-step "attach"
                (lambda ()
                  (flymake-mode 1)
                  (setq server (apply #'eglot--connect (eglot--guess-contact)))
                  (setq uri (plist-get (eglot--TextDocumentIdentifier) :uri))
                  (drive-wait "the managed buffer" 20 (lambda () (eglot-managed-p)))))
    (drive-step "a trial finds what is missing"
                (lambda ()
                  (let ((result (drive-execute server uri "runTrial")))
                    (unless (equal (plist-get result :outcome) "findings") (error "%S" result)))
                  (flymake-start)
                  (drive-wait "the diagnostic" 10
                              (lambda () (cl-some (lambda (text) (string-match-p (getenv "ATOM") text)) (drive-codes))))))
    (drive-step "the fixes are applied, and another trial verifies them"
                (lambda ()
                  (let ((result (drive-execute server uri "fixAndVerify")))
                    (unless (equal (plist-get result :outcome) "clean") (error "%S" result)))
                  (unless (string-match-p (regexp-quote (getenv "ATOM")) (buffer-string)) (error "%s" (buffer-string)))
                  (save-buffer)))
    (drive-step "the server ends with the editor"
                (lambda () (eglot-shutdown server nil 20)))))
(kill-emacs 0)
